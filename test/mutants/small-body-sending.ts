import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Cleaning up would take away what is being uploaded, and its deposit would name a body that is gone.',
  file: 'src/vault/bodies/small.ts',
  find: `
       AND NOT EXISTS (SELECT 1 FROM upload_parts WHERE blocks = @root)`,
  replace: '',
  test: 'test/vault/bodies/small.test.ts',
  red: 'what was sent and not deposited stays while its upload does',
} satisfies Mutant
