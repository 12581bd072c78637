/** An SQS to test against, in the same JVM. */
@NullMarked
package io.multisqs.testkit;

import org.jspecify.annotations.NullMarked;
