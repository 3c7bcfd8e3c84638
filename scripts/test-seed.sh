# Sourced. What tests do at random follows from this number.
CRASHMON_TEST_SEED=${CRASHMON_TEST_SEED:-$(($(date +%s) % 1000000))}
export CRASHMON_TEST_SEED
echo "CRASHMON_TEST_SEED=$CRASHMON_TEST_SEED"
