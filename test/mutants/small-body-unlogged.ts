import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A small body would leave at once with the answer that opens its read, before its entry and without one.',
  file: 'src/vault/documents.ts',
  find: "    const act = { record, action: 'document.read', object: { document } } as const\n",
  replace: `    const act = { record, action: 'document.read', object: { document } } as const
    const { read } = this.#context.store
    const row = read.get<OpenedRow>('SELECT * FROM documents WHERE document = @document', { document })
    const body = row === undefined ? null : smallBody(read, row)
    if (row !== undefined && body !== null) {
      const readUntil = new Date(until).toISOString() as Instant
      return { document: stored(row), blocks: row.body, body, readUntil, receipt: '' }
    }
`,
  test: 'test/vault/documents.test.ts',
  red: 'a small body comes with the answer that opens its read, never without its entry',
} satisfies Mutant
