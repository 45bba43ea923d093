import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could show, in a second list, another manifest for a document that was checked in the first.',
  file: 'src/client/patient/listing.ts',
  find: '    a.manifest === b.manifest &&',
  replace: '    a.deposit === b.deposit &&',
  test: 'test/client/patient/listing.test.ts',
  red: 'a document counts as opened before only when every text that was checked is the same',
} satisfies Mutant
