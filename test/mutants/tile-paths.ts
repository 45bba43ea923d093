import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Any file of the host could be had through the log’s address.',
  file: 'src/vault/tile-files.ts',
  find: `  if (path !== 'checkpoint' && parseTilePath(path) === null) return null
`,
  replace: '',
  test: 'test/vault/tile-files.test.ts',
  red: 'no other file of the host is ever served',
} satisfies Mutant
