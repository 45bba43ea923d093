import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The pages would take any square for the one of the request that is answered.',
  file: 'src/portal/worker/access.ts',
  find: '    const scanned = await scannedRequest(currentSession(), text)',
  replace: '    const scanned = { request: request === text ? text : request }',
  test: 'test/journeys/portal.test.ts',
  red: 'a request appears, is compared and answered',
} satisfies Mutant
