import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The envelope of before masking would stay: with it and an old secret the document opens.',
  file: 'src/vault/states.ts',
  find: `SET compartment = @to, placement = @text, envelope = @envelope
`,
  replace: `SET compartment = @to, placement = @text, envelope = COALESCE(envelope, @envelope)
`,
  test: 'test/vault/documents.test.ts',
  red: 'a masked document is, to its own author, one that never was',
} satisfies Mutant
