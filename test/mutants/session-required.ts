import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A stolen signature key alone would read the record, without the secret code.',
  file: 'src/api/signed.ts',
  find: `  if (!session.success) throw new Refusal('session-required', '')
  await`,
  replace: '  if (session.success) await',
  test: 'test/attacks/no-session.test.ts',
  red: 'a patient’s key alone',
} satisfies Mutant
