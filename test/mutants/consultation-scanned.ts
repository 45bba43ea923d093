import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could show the patient another doctor’s request under the id that was scanned.',
  file: 'src/client/patient/requests.ts',
  find: '  checkConsultation(scanned, consultationOf(session, pending.request, pending.key))\n',
  replace: '',
  test: 'test/journeys/stories.test.ts',
  red: 'rights',
} satisfies Mutant
