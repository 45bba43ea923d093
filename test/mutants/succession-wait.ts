import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A new identity that was let in early would be believed by whoever comes later.',
  file: 'src/client/succession.ts',
  find: 'const at = change === null ? now : new Date(Math.min(Date.parse(change.t), now.getTime()))',
  replace: 'const at = now',
  test: 'test/client/succession.test.ts',
  red: 'what a reader refuses: each line of the page',
} satisfies Mutant
