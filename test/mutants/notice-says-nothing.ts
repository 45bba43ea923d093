import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Mail providers and passers-by would learn that somebody looked into a health record.',
  file: 'src/vault/mail-texts.ts',
  find: 'Il y a eu une activité dans votre espace.',
  replace: 'Votre dossier médical a été consulté.',
  test: 'test/attacks/telling-mail.test.ts',
  red: 'a notice tells that something happened, and nothing of whom',
} satisfies Mutant
