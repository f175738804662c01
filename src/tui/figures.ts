const THOUSANDS = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

const two = (value: number): string => String(value).padStart(2, "0");

/** A duration in at most 6 characters: `5s`, `12:03`, `3h07m`, `12d04h`. */
export function shortDuration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (seconds < 60) return `${seconds}s`;
  if (hours < 1) return `${minutes}:${two(seconds % 60)}`;
  if (hours < 24) return `${hours}h${two(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d${two(hours % 24)}h`;
}

/** Bits per second as whole kbit/s: `1,152`. */
export const kbits = (bps: number): string => THOUSANDS.format(bps / 1000);

/** A count: `12,000`. */
export const count = (value: number): string => THOUSANDS.format(value);

/** So many a second: `0`, `3.0`, `-120`. */
export function perSecond(rate: number): string {
  const rounded = Math.abs(rate) < 10 ? rate.toFixed(1) : count(rate);
  return Number(rounded.replaceAll(",", "")) === 0 ? "0" : rounded;
}

/** Bytes in at most 7 characters: `987 B`, `1.2 MB`. */
export function shortBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}
