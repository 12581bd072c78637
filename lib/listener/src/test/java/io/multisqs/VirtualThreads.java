package io.multisqs;

/**
 * Whether tests run their listeners on virtual threads: {@code -Dmultisqs.test.virtualThreads=true}
 * on JDK 21 or later.
 */
public final class VirtualThreads {
  private static final String PROPERTY = "multisqs.test.virtualThreads";

  private VirtualThreads() {}

  /** For {@link ListenerOptions.Builder#virtualThreads}. */
  public static boolean areAskedFor() {
    return Boolean.getBoolean(PROPERTY);
  }

  /** For the command line of a JVM that a test starts. */
  public static String option() {
    return "-D" + PROPERTY + "=" + areAskedFor();
  }
}
