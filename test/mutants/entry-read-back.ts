import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A state or a grant that is no hash would pass for other members of the line that the host writes.',
  file: 'src/log/entry-lines.ts',
  find: 'return said && { ...said, request: { base, signature } }',
  replace: 'return { ...(JSON.parse(head.concat("null}")) as Event), request: { base, signature }, salt }',
  test: 'test/log/entry-lines.test.ts',
  red: 'what is written says what was to be written, whatever its base holds',
} satisfies Mutant
