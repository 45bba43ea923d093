import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A deposit could name a state that its record never had.',
  file: 'src/vault/uploads.ts',
  find: `  if (known === undefined)
    throw`,
  replace: `  if (state === '' as string)
    throw`,
  test: 'test/vault/uploads.test.ts',
  red: 'only what its author signed',
} satisfies Mutant
