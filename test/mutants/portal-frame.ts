import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A document that is a web page would be one in the frame: its links and pictures would be asked for.',
  file: 'src/portal/viewer/frame.ts',
  find: 'escaped(await blob.text())',
  replace: 'await blob.text()',
  test: 'test/journeys/portal.test.ts',
  red: 'documents: found, opened in a frame that can do nothing',
} satisfies Mutant
