import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A document could stand under the name of an author who did not sign it.',
  file: 'src/vault/uploads.ts',
  find: 'key: { hash: caller.key, verifyKey: key.verifyKey },',
  replace: 'key: { hash: caller.key, verifyKey: Object.create(key.verifyKey, { verify: { value: () => true } }) },',
  test: 'test/vault/uploads.test.ts',
  red: 'only what its author signed',
} satisfies Mutant
