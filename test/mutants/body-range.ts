import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A range could be opened from blocks that the author never signed: replayed from another version by who has the key.',
  file: 'src/client/document/body.ts',
  find: 'checkBlock(this.#checks, this.#document, index, blockHash([block]))',
  replace: '',
  test: 'test/client/document/body.test.ts',
  red: 'a block that is not the one signed is refused before it is opened',
} satisfies Mutant
