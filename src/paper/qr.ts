/** QR codes as modules to draw: the only file that imports qrcode. */
import QRCode from 'qrcode'

/** Runs of dark modules, row by row; `size` modules a side, without the quiet zone. */
export interface QrModules {
  readonly size: number
  readonly dark: readonly { readonly row: number; readonly column: number; readonly length: number }[]
}

/** The code of a short text, error correction Q. */
export function qrModules(content: string): QrModules {
  const { modules } = QRCode.create(content, { errorCorrectionLevel: 'Q' })
  const dark: { row: number; column: number; length: number }[] = []
  for (let row = 0; row < modules.size; row++) {
    let length = 0
    for (let column = 0; column <= modules.size; column++) {
      if (column < modules.size && modules.get(row, column)) {
        length++
      } else if (length > 0) {
        // One rectangle a run: neighbouring squares show hair lines between them on some screens.
        dark.push({ row, column: column - length, length })
        length = 0
      }
    }
  }
  return { size: modules.size, dark }
}
