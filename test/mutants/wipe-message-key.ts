import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The key of a body that was left half read would stay in memory.',
  file: 'src/crypto/message-cipher.ts',
  find: '    wipe(this.#key)\n',
  replace: '',
  test: 'test/engines/wiped.test.ts',
  red: 'a document: envelope and manifest leave nothing; its content is what is given out',
} satisfies Mutant
