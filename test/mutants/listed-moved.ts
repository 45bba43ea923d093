import type { Mutant } from '../../setup/mutants.ts'

export default {
  why: 'A host could go on showing a document where it lay before the patient moved it.',
  file: 'src/client/document/open.ts',
  find: `    reader.placements === undefined || placement?.hash === inForce,
    'placement-unknown',
    'The placement is not one of those in force',
  )
}

const NO_AUTHOR`,
  replace: `    reader.placements === undefined || placement?.hash === placement?.hash,
    'placement-unknown',
    'The placement is not one of those in force',
  )
}

const NO_AUTHOR`,
  test: 'test/client/patient/listing.test.ts',
  red: 'what was opened before is held again against what may have changed',
} satisfies Mutant
