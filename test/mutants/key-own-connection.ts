import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever got hold of a key statement could publish it.',
  file: 'src/vault/directory.ts',
  find: 'if (holder.kind !== kind || holder.id !== nationalId || request.caller.key !== key.hash) {',
  replace: 'if (request.caller.key !== key.hash) {',
  test: 'test/vault/directory.test.ts',
  red: 'published once',
} satisfies Mutant
