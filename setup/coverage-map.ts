/**
 * Which source file a test file answers for: `test/crypto/seal.test.ts` covers `src/crypto/seal.ts`, and so does
 * `test/crypto/seal.vectors.test.ts`. A module is covered by what its own test runs of it, so its absence shows; what the
 * tests of whole stories (journeys, attacks, faults, house) load counts for nobody.
 * @param test path from the checkout's top folder
 * @returns the source file, or null when the test tells a whole story
 */
export default function sourceOf(test: string): string | null {
  const path = /^test\/((?!journeys|attacks|faults|fuzz|house).*\/)([^/.]+)(\.[^/]+)?\.test\.ts$/.exec(test)
  return path ? `src/${path[1]}${path[2]}.ts` : null
}
