/** Pieces gathered into a blob: the browser may move what is in it out of memory. */

/** Pieces are handed over in blobs of this size, bytes. */
const GATHERED = 8 * 1024 * 1024

/** All pieces of a source, in their order; `onPiece` sees each before it is handed over. */
export async function gathered(
  source: AsyncIterable<Uint8Array>,
  type: string,
  onPiece: (piece: Uint8Array<ArrayBuffer>) => void = () => {},
): Promise<Blob> {
  const parts: Blob[] = []
  let held: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for await (const piece of source) {
    const copy = new Uint8Array(piece) // a source may lend its buffer
    onPiece(copy)
    held.push(copy)
    size += copy.length
    if (size < GATHERED) continue
    parts.push(new Blob(held))
    held = []
    size = 0
  }
  return new Blob([...parts, ...held], { type })
}
