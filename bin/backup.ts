/** `cloudmap backup` and `cloudmap restore`, for people. */
import { type BackupOptions, backupTo, restoreFrom } from "../local/backup.ts";
import { count } from "./text.ts";

type Contents = Awaited<ReturnType<typeof backupTo>>;

export async function backup(file: string, options: BackupOptions): Promise<void> {
  console.log(`Backed up ${described(await backupTo(file, options))} to ${file}.`);
}

export async function restore(file: string, options: BackupOptions): Promise<void> {
  const { where, ...contents } = await restoreFrom(file, options);
  console.log(`Restored ${described(contents)} into ${where}.`);
}

function described({ revision, account, namespaces, services, instances }: Contents): string {
  const things = [count(namespaces, "namespace"), count(services, "service"), count(instances, "instance")];
  return `account ${account} at revision ${revision} (${things.join(", ")})`;
}
