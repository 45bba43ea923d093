import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'Keys of seals, boxes and slots, and what opens as a key, would lie in memory after use, for whoever reads a core or swap.',
  file: 'src/crypto/bytes.ts',
  find: '    return work(secret)\n  } finally {\n    wipe(secret)\n  }',
  replace: '    return work(secret)\n  } finally {\n    void wipe\n  }',
  test: 'test/engines/wiped.test.ts',
  red: 'keys: of seals, boxes, messages, opened, refused or broken off',
} satisfies Mutant
