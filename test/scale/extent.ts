// How much of it: `npm test` runs a short form of each, `npm run test:scale` all of it (OUTRIDER_SCALE=full).
const isFull = process.env.OUTRIDER_SCALE === 'full'

export const extent = isFull
  ? {
      isFull,
      crowd: 10_000,
      readers: { vehicles: 5_000, stalled: 500, rounds: 5 },
      crossing: { perSecond: 30, seconds: 60 },
    }
  : {
      isFull,
      crowd: 300,
      readers: { vehicles: 200, stalled: 20, rounds: 1 },
      crossing: { perSecond: 3, seconds: 4 },
    }

/** Nothing here is late on a quiet machine; on one that is busy it takes as long as it takes. */
export const poll = { timeout: 60_000, interval: 50 }
