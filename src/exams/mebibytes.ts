const MIB = 2 ** 20;

/** `160MiB`, rounded up; less than one as it is, `200 bytes`. */
export function mebibytes(bytes: number): string {
  return bytes < MIB ? `${bytes} bytes` : `${Math.ceil(bytes / MIB)}MiB`;
}
