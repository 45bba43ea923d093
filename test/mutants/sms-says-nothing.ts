import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Telephone networks and whoever sees the screen would learn that somebody looked into a health record.',
  file: 'src/vault/sms-texts.ts',
  find: 'Il y a eu une activité dans votre espace :',
  replace: 'Votre dossier médical a été consulté :',
  test: 'test/vault/sms-texts.test.ts',
  red: 'each message is one SMS, French first, and says nothing medical',
} satisfies Mutant
