import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Two readers could read two titles, or two sets of keys, in one manifest or bundle.',
  file: 'src/crypto/padding.ts',
  find: '  if (!wiping(padText(JSON.stringify(value), minimum), again => equal(again, bytes))) throw notMinimal()\n',
  replace: '',
  test: 'test/crypto/padding.test.ts',
  red: 'one JSON text for one value',
} satisfies Mutant
