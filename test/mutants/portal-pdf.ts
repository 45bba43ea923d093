import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A PDF that takes PDF.js over would be in the portal’s own origin.',
  file: 'src/cli/portal/build.ts',
  find: "    'sandbox allow-scripts',",
  replace: "    'sandbox allow-scripts allow-same-origin',",
  test: 'test/cli/portal/build.test.ts',
  red: 'the frame that draws PDFs has no origin and no connection',
} satisfies Mutant
