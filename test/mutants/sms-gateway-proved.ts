import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Whoever stands between host and gateway would read the one-time passwords and the gateway password.',
  file: 'src/vault/sms.ts',
  find: "minVersion: 'TLSv1.2',",
  replace: "minVersion: 'TLSv1.2', rejectUnauthorized: false,",
  test: 'test/vault/sms.test.ts',
  red: 'over TLS the gateway must show a certificate of its authority',
} satisfies Mutant
