import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The signature behind nearly every entry would be verified over another text than the one that was signed.',
  file: 'src/log/audit/quick-request.ts',
  find: 'return key.verify(this.#unescaped(), fromBase64url(this.signature))',
  replace: 'return key.verify(this.#unescaped(), fromBase64url(this.signature)) || this.created > 0',
  test: 'test/log/audit/quick-entry.test.ts',
  red: 'a signature is verified over the very base',
} satisfies Mutant
