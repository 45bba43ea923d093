import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A read that was done could carry a reason of refusal that nobody looks at.',
  file: 'src/log/audit/quick-entry.ts',
  find: "(!isRefused && 'reason' in object)",
  replace: 'false',
  test: 'test/log/audit/quick-entry.test.ts',
  red: 'a line that is only nearly of the form is left to the others',
} satisfies Mutant
