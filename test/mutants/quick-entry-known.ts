import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The name of a key, which may be anything, would later pass for a hash whose form was looked at.',
  file: 'src/log/audit/quick-entry.ts',
  find: 'return this.#keyIds.get(this.#raw, from, at) ?? this.#keyIds.put(this.#raw, from, at, this.#text(from, length))',
  replace:
    'return this.#hashes.get(this.#raw, from, at) ?? this.#hashes.put(this.#raw, from, at, this.#text(from, length) as Hash)',
  test: 'test/log/audit/quick-entry.test.ts',
  red: 'what was read in one place is not believed in another',
} satisfies Mutant
