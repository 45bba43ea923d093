import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could write an INS, a name or a title into the log, in a member at which nobody looks.',
  file: 'src/protocol/entry.ts',
  find: 'export const Event = EventParts.refine(namesOnlyIts)',
  replace: 'export const Event = EventParts.refine(namesOnlyIts).or(EventParts)',
  test: 'test/log/entry.test.ts',
  red: 'an object names what its action is about, and nothing else',
} satisfies Mutant
