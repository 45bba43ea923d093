import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Pages that the log does not name would pass as the published ones.',
  file: 'src/cli/portal/logged.ts',
  find: "action !== 'portal.build' || object.build !== hash || object.origin !== origin",
  replace: "action !== 'portal.build' || object.origin !== origin",
  test: 'test/journeys/portal.test.ts',
  red: 'anybody can check that these are the published pages',
} satisfies Mutant
