import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An audit could go on from where one of another log had stopped, and believe it.',
  file: 'src/log/audit/audit.ts',
  find: ' && this.#root() === resume.root',
  replace: '',
  test: 'test/cli/audit/verify.test.ts',
  red: 'threads, and a state file to go on from',
} satisfies Mutant
