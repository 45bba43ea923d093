import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A salt given from outside can be given twice, and then what is in one box is read off the other.',
  file: 'src/client/slots.ts',
  find: 'box(key, slotInfo(place), secret)',
  replace: 'boxWithSalt(key, slotInfo(place), secret, new Uint8Array(32))',
  test: 'test/house/drawn.test.ts',
  red: 'nothing in src is given what it must draw',
} satisfies Mutant
