/** Reads a QR code from a camera's picture, where the browser has no detector of its own. The only file that imports qr. */
import decodeQR from 'qr/decode.js'

/** A picture of a camera: `width` × `height` pixels, four bytes each. */
export interface Picture {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray
}

export const scanActs = {
  /** What a square in the picture says; null when none is there, or none that can be read. */
  async scan({ width, height, data }: Picture): Promise<string | null> {
    try {
      return decodeQR({ width, height, data })
    } catch {
      return null // it throws where it finds nothing: most pictures
    }
  },
}
