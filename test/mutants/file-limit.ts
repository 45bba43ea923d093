import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A file-size limit would end the host instead of making it answer 503 until it can write again.',
  file: 'src/cli/host/serve.ts',
  find: `process.on('SIGXFSZ', () => {})`,
  replace: '',
  test: 'test/faults/disk.test.ts',
  red: 'a write fails',
} satisfies Mutant
