/** Full-jitter exponential back-off ("Exponential Backoff And Jitter", AWS Architecture Blog), between `floor` and `cap` milliseconds. */
export function backoffDelay(attempt: number, random: () => number = Math.random, floor = 500, cap = 20_000): number {
  const ceiling = Math.min(cap, floor * 2 ** Math.min(attempt + 1, 16));
  return Math.round(floor + random() * (ceiling - floor));
}
