import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A client whose session was ended, perhaps a thief’s, would be told of everything that comes.',
  file: 'src/vault/events.ts',
  find: 'while (!this.#isOver && !listener.isGone && this.#isSignedIn(request, record)) {',
  replace: 'while (!this.#isOver && !listener.isGone) {',
  test: 'test/journeys/stories.test.ts',
  red: 'events',
} satisfies Mutant
