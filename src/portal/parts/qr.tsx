import type { QrPicture } from '../talk.ts'

/** Modules of white around the code (ISO/IEC 18004). */
const QUIET = 4

/** A QR code, black on white whatever the colours around it: cameras want it so. */
export function Qr({ qr, alt }: { readonly qr: QrPicture; readonly alt: string }) {
  const side = qr.size + 2 * QUIET
  return (
    <svg class="qr" viewBox={`0 0 ${side} ${side}`} role="img" aria-label={alt} shape-rendering="crispEdges">
      <rect width={side} height={side} fill="#fff" />
      {qr.dark.map(({ row, column, length }) => (
        <rect key={`${row}.${column}`} x={column + QUIET} y={row + QUIET} width={length} height={1} fill="#000" />
      ))}
    </svg>
  )
}
