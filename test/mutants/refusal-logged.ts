import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'The patient would not see who tried and was refused.',
  file: 'src/vault/acts.ts',
  find: `      if (error instanceof Refusal) await this.#refuse(request, act, error)
      throw error
    }
  }

  /** For steps`,
  replace: `      throw error
    }
  }

  /** For steps`,
  test: 'test/vault/documents.test.ts',
  red: 'nobody else: refused, and the patient sees the attempt',
} satisfies Mutant
