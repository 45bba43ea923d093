import { type Bytes, equal } from './bytes.ts'

// What stands around a certificate's or a revocation list's signature (RFC 5280 §4.1 and §5.1: SEQUENCE of what is signed,
// algorithm, signature). None of it is covered by the signature, and general readers of ASN.1 forgive much there; whoever
// can write the same certificate in two ways can give it two fingerprints. So it is read strictly, and here.

interface Element {
  readonly tag: number
  /** With tag and length. */
  readonly whole: Bytes
  readonly content: Bytes
}

const SEQUENCE = 0x30
const BIT_STRING = 0x03

/** The elements that `bytes` are, one after the other; `null` unless lengths are minimal and end where the bytes end. */
function elementsOf(bytes: Bytes): Element[] | null {
  const elements: Element[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0x80] = bytes.subarray(at, at + 2)
    const long = first < 0x80 ? 0 : first - 0x80
    let length = long === 0 ? first : 0
    for (let i = 0; i < long && i < 4; i++) length = length * 256 + (bytes[at + 2 + i] ?? 0)
    const minimal = long === 0 ? first < 0x80 : length >= 0x80 && bytes[at + 2] !== 0
    const begin = at + 2 + long
    const end = begin + length
    if (!minimal || long > 4 || (tag & 0x1f) === 0x1f || end > bytes.length) return null
    elements.push({ tag, whole: bytes.subarray(at, end), content: bytes.subarray(begin, end) })
    at = end
  }
  return elements
}

/**
 * Whether these bytes are one SEQUENCE of something signed, its algorithm and its signature, nothing before, between or
 * after, lengths minimal; the algorithm byte for byte the one that is signed too (§4.1.1.2: "MUST contain the same"); and
 * the signature whole bytes.
 */
export function isOneSigned(der: Bytes): boolean {
  const [outer, ...after] = elementsOf(der) ?? []
  if (outer?.tag !== SEQUENCE || after.length > 0) return false
  const [signed, algorithm, signature, ...more] = elementsOf(outer.content) ?? []
  if (signed?.tag !== SEQUENCE || algorithm?.tag !== SEQUENCE || signature?.tag !== BIT_STRING) return false
  // The first SEQUENCE in it: version and serial number, which may stand before, are none.
  const inner = elementsOf(signed.content)?.find(({ tag }) => tag === SEQUENCE)
  return more.length === 0 && inner !== undefined && equal(inner.whole, algorithm.whole) && signature.content[0] === 0
}
