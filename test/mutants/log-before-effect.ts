import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'What is done and its entry become two commits: a crash between them leaves an act that no log tells of.',
  file: 'src/vault/acts.ts',
  find: `      return await this.#store.write(tx => {
        const { object, grant, state, result, save } = work(tx, prepared)
`,
  replace: `      const { object, grant, state, result, save } = await this.#store.write(tx => work(tx, prepared))
      return await this.#store.write(tx => {
`,
  test: 'test/vault/acts.test.ts',
  red: 'when the log cannot be written, nothing is done, nothing is answered',
} satisfies Mutant
