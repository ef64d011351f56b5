import pytest

from digestor.faithful.names import find, supported, vocabulary

SOURCE = vocabulary(
    "A variational autoencoder with batch normalization for out-of-distribution inputs. We compare with ResNet-50,"
    " word2vec, and BioBERT on SQuAD 2.0; convolutional layers and pre-training with rectified linear units help."
)


def test_acronyms_camel_case_and_letters_with_digits_are_names() -> None:
    line = "GANs, BatchNorm and ResNet-50 beat word2vec, BERT-based and U-Net models in 3D."

    assert list(find(line)) == ["GANs", "BatchNorm", "ResNet-50", "word2vec", "BERT", "U-Net", "3D"]


@pytest.mark.parametrize(
    "line", ["We Train An Attention-Based Network.", "It takes 10k steps, 16GB and 3x the time.", "A I"]
)
def test_ordinary_words_and_quantities_are_no_names(line: str) -> None:
    assert list(find(line)) == []


def test_a_shouted_line_has_no_names() -> None:
    assert list(find("DEEP RIVERS RUN SLOW")) == []


@pytest.mark.parametrize(
    "name",
    [
        "VAE",
        "VAEs",
        "BatchNorm",
        "OOD",
        "ResNet50",
        "RESNET-50",
        "Word2Vec",
        "BERT",
        "SQuAD2",
        "CNN",
        "ReLU",
        "NLP",
        "ResNet",
    ],
)
def test_a_name_may_be_spelled_otherwise_spelled_out_or_a_household_word(name: str) -> None:
    assert supported(name, SOURCE)


@pytest.mark.parametrize("name", ["GPT-4", "ResNet-101", "DenseNet", "GNN", "XLNet", "SQuAD3", "GAN"])
def test_a_name_that_the_source_does_not_speak_of_is_not_supported(name: str) -> None:
    assert not supported(name, SOURCE)
