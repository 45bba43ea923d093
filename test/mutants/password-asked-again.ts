import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A client would ask for one-time passwords that the host takes no more, and go on locking the patient out.',
  file: 'src/client/patient/authenticate.ts',
  find: 'const isLast = !canAskAgain || tries === ONE_TIME_PASSWORD_TRIES',
  replace: 'const isLast = !canAskAgain',
  test: 'test/api/sign-in.test.ts',
  red: 'a wrong one-time password is asked again',
} satisfies Mutant
