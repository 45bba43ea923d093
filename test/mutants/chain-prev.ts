import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'An entry could be changed or left out afterwards.',
  file: 'src/log/entry.ts',
  find: 'if (link.prev !== (previous?.hash ?? null)) refuse',
  replace: "if (link.prev === '' as string) refuse",
  test: 'test/log/entry.test.ts',
  red: 'a chain',
} satisfies Mutant
